// Schema 2: accelerators and imported recordings. Never edited once released: later changes are further steps.
//
// The tables with a row for every kernel or copy refer to slices without REFERENCES: a recording of millions of events
// is written in one go by one writer, and checking each of them would double the time.
#pragma once

#include <string_view>

namespace ridgeline::profile::schema {

inline constexpr std::string_view kSchema2 = R"sql(
CREATE TABLE rank (
  id INTEGER PRIMARY KEY,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  format TEXT NOT NULL,
  clock_offset_ns INTEGER NOT NULL,
  timed INTEGER NOT NULL CHECK (timed IN (0, 1))
);

ALTER TABLE device ADD COLUMN rank INTEGER REFERENCES rank(id);
ALTER TABLE device ADD COLUMN ordinal INTEGER;
ALTER TABLE track ADD COLUMN rank INTEGER REFERENCES rank(id);
ALTER TABLE run ADD COLUMN rank INTEGER REFERENCES rank(id);
ALTER TABLE run ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE slice ADD COLUMN kind TEXT NOT NULL DEFAULT 'operator';

CREATE TABLE launch_shape (
  id INTEGER PRIMARY KEY,
  grid_x INTEGER,
  grid_y INTEGER,
  grid_z INTEGER,
  block_x INTEGER,
  block_y INTEGER,
  block_z INTEGER,
  registers INTEGER,
  static_shared_bytes INTEGER,
  dynamic_shared_bytes INTEGER,
  occupancy REAL
);

CREATE TABLE kernel (
  slice INTEGER PRIMARY KEY,
  launch INTEGER,
  caller INTEGER,
  shape INTEGER,
  correlation INTEGER,
  graph_node INTEGER
);

CREATE TABLE copy (
  slice INTEGER PRIMARY KEY,
  launch INTEGER,
  caller INTEGER,
  direction TEXT NOT NULL,
  bytes INTEGER,
  pinned INTEGER,
  correlation INTEGER
);

CREATE TABLE flow (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  source INTEGER NOT NULL,
  target INTEGER NOT NULL
);

CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  rank INTEGER REFERENCES rank(id),
  device INTEGER REFERENCES device(id),
  name TEXT NOT NULL,
  unit TEXT NOT NULL
);

CREATE TABLE sample (
  id INTEGER PRIMARY KEY,
  series INTEGER NOT NULL REFERENCES series(id),
  at_ns INTEGER NOT NULL,
  value REAL NOT NULL
);
CREATE INDEX sample_by_time ON sample (series, at_ns);

CREATE TABLE kernel_counter (
  slice INTEGER NOT NULL,
  counter INTEGER NOT NULL REFERENCES counter_kind(id),
  value REAL NOT NULL,
  provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'modelled', 'imported')),
  PRIMARY KEY (slice, counter)
) WITHOUT ROWID;

CREATE TABLE intake (
  id INTEGER PRIMARY KEY,
  rank INTEGER REFERENCES rank(id),
  what TEXT NOT NULL,
  count INTEGER NOT NULL,
  kept INTEGER NOT NULL CHECK (kept IN (0, 1)),
  note TEXT NOT NULL
);

CREATE TABLE kernel_group (
  id INTEGER PRIMARY KEY,
  device INTEGER REFERENCES device(id),
  label INTEGER REFERENCES label(id),
  shape INTEGER REFERENCES launch_shape(id),
  kind TEXT NOT NULL CHECK (kind IN ('compute', 'communication')),
  calls INTEGER NOT NULL,
  total_ns REAL NOT NULL,
  min_ns REAL NOT NULL,
  median_ns REAL NOT NULL,
  max_ns REAL NOT NULL,
  operator TEXT NOT NULL,
  flops REAL,
  bytes REAL,
  compute_type TEXT NOT NULL,
  provenance_work TEXT CHECK (provenance_work IN ('measured', 'modelled', 'imported')),
  bound TEXT NOT NULL CHECK (bound IN ('compute', 'memory', 'overhead', 'transfer', 'idle', 'balanced', 'unknown')),
  level TEXT NOT NULL,
  roof_time_ns REAL,
  headroom_ns REAL
);

CREATE TABLE device_use (
  id INTEGER PRIMARY KEY,
  device INTEGER REFERENCES device(id),
  start_ns INTEGER NOT NULL,
  duration_ns INTEGER NOT NULL,
  busy_ns INTEGER NOT NULL,
  compute_ns INTEGER NOT NULL,
  communication_ns INTEGER NOT NULL,
  copy_ns INTEGER NOT NULL,
  communication_overlap_ns INTEGER NOT NULL,
  copy_overlap_ns INTEGER NOT NULL,
  kernels INTEGER NOT NULL,
  queue_mean REAL,
  queue_max INTEGER,
  launch_delay_ns REAL
);

CREATE TABLE idle_cause (
  id INTEGER PRIMARY KEY,
  device INTEGER REFERENCES device(id),
  reason TEXT NOT NULL CHECK (reason IN ('host', 'sync', 'queued', 'unknown')),
  count INTEGER NOT NULL,
  total_ns INTEGER NOT NULL,
  longest_ns INTEGER NOT NULL
);

CREATE TABLE gap (
  id INTEGER PRIMARY KEY,
  device INTEGER REFERENCES device(id),
  start_ns INTEGER NOT NULL,
  duration_ns INTEGER NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('host', 'sync', 'queued', 'unknown')),
  before INTEGER,
  after INTEGER,
  during TEXT NOT NULL
);

CREATE TABLE tree_node (
  id INTEGER PRIMARY KEY,
  parent INTEGER REFERENCES tree_node(id),
  rank INTEGER REFERENCES rank(id),
  label INTEGER REFERENCES label(id),
  kind TEXT NOT NULL,
  calls INTEGER NOT NULL,
  total_ns REAL NOT NULL,
  self_ns REAL NOT NULL,
  kernels INTEGER NOT NULL,
  kernel_ns REAL NOT NULL
);

CREATE TABLE path_part (
  id INTEGER PRIMARY KEY,
  run INTEGER REFERENCES run(id),
  rank INTEGER REFERENCES rank(id),
  ordinal INTEGER NOT NULL,
  what TEXT NOT NULL,
  slice INTEGER,
  start_ns INTEGER NOT NULL,
  duration_ns INTEGER NOT NULL
);
)sql";

}  // namespace ridgeline::profile::schema
