// Schema 1. Never edited once released: later changes are further steps.
//
// Only what SQLite 3.25 (2018) reads is used, since other programs open these files with the SQLite they have: no
// STRICT tables, no generated columns.
#pragma once

#include <string_view>

namespace ridgeline::profile::schema {

inline constexpr std::string_view kSchema1 = R"sql(
CREATE TABLE meta (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE device (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  vendor TEXT NOT NULL DEFAULT '',
  properties TEXT NOT NULL DEFAULT '{}'
);

CREATE TABLE roof (
  id INTEGER PRIMARY KEY,
  device INTEGER REFERENCES device(id),
  kind TEXT NOT NULL CHECK (kind IN ('compute', 'bandwidth')),
  dtype TEXT NOT NULL DEFAULT '',
  level TEXT NOT NULL DEFAULT '',
  pattern TEXT NOT NULL DEFAULT '',
  value REAL NOT NULL,
  unit TEXT NOT NULL,
  threads INTEGER NOT NULL,
  spread REAL NOT NULL,
  provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'modelled', 'imported')),
  how TEXT NOT NULL DEFAULT ''
);

CREATE TABLE model (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  opset INTEGER NOT NULL,
  producer TEXT NOT NULL,
  inputs TEXT NOT NULL
);

CREATE TABLE node (
  id INTEGER PRIMARY KEY,
  model INTEGER NOT NULL REFERENCES model(id),
  name TEXT NOT NULL,
  op_type TEXT NOT NULL,
  domain TEXT NOT NULL,
  position INTEGER NOT NULL,
  flops REAL,
  int_ops REAL,
  bytes_read REAL,
  bytes_written REAL,
  constant_bytes REAL,
  compute_type TEXT,
  work_known INTEGER NOT NULL CHECK (work_known IN (0, 1))
);
CREATE INDEX node_by_name ON node (model, name);

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('plain', 'observed')),
  ordinal INTEGER NOT NULL,
  start_ns INTEGER NOT NULL,
  duration_ns INTEGER NOT NULL
);

CREATE TABLE operator (
  id INTEGER PRIMARY KEY,
  device INTEGER REFERENCES device(id),
  name TEXT NOT NULL,
  op_type TEXT NOT NULL,
  provider TEXT NOT NULL,
  depth INTEGER NOT NULL,
  calls_per_run REAL NOT NULL,
  time_ns REAL NOT NULL,
  time_mad_ns REAL NOT NULL,
  flops REAL,
  int_ops REAL,
  bytes_read REAL,
  bytes_written REAL,
  constant_bytes REAL,
  compute_type TEXT,
  work_known INTEGER NOT NULL CHECK (work_known IN (0, 1)),
  working_set_bytes REAL,
  input_shapes TEXT NOT NULL,
  output_shapes TEXT NOT NULL,
  provenance_time TEXT NOT NULL CHECK (provenance_time IN ('measured', 'modelled', 'imported')),
  provenance_work TEXT CHECK (provenance_work IN ('measured', 'modelled', 'imported'))
);

CREATE TABLE operator_node (
  operator INTEGER NOT NULL REFERENCES operator(id) ON DELETE CASCADE,
  node INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  PRIMARY KEY (operator, node)
) WITHOUT ROWID;
CREATE INDEX operator_node_by_node ON operator_node (node);

CREATE TABLE track (
  id INTEGER PRIMARY KEY,
  device INTEGER REFERENCES device(id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('thread', 'stream', 'range')),
  ordinal INTEGER NOT NULL
);

CREATE TABLE label (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
);

CREATE TABLE slice (
  id INTEGER PRIMARY KEY,
  track INTEGER NOT NULL REFERENCES track(id),
  operator INTEGER REFERENCES operator(id),
  label INTEGER REFERENCES label(id),
  run INTEGER REFERENCES run(id),
  start_ns INTEGER NOT NULL,
  duration_ns INTEGER NOT NULL
);
CREATE INDEX slice_by_time ON slice (track, start_ns);

CREATE TABLE counter_kind (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  unit TEXT NOT NULL,
  description TEXT NOT NULL
);

CREATE TABLE counter_value (
  counter INTEGER NOT NULL REFERENCES counter_kind(id),
  operator INTEGER NOT NULL REFERENCES operator(id) ON DELETE CASCADE,
  value REAL NOT NULL,
  provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'modelled', 'imported')),
  PRIMARY KEY (counter, operator)
) WITHOUT ROWID;

CREATE TABLE finding (
  id INTEGER PRIMARY KEY,
  analyzer TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'notice', 'warning')),
  text TEXT NOT NULL,
  target TEXT NOT NULL,
  evidence TEXT NOT NULL,
  value REAL
);

CREATE TABLE classification (
  operator INTEGER PRIMARY KEY NOT NULL REFERENCES operator(id) ON DELETE CASCADE,
  bound TEXT NOT NULL CHECK (bound IN ('compute', 'memory', 'overhead', 'transfer', 'idle', 'balanced', 'unknown')),
  level TEXT NOT NULL,
  roof_time_ns REAL,
  headroom_ns REAL,
  intensity REAL,
  achieved_ops_per_s REAL,
  achieved_bytes_per_s REAL
);

CREATE TABLE advice (
  id INTEGER PRIMARY KEY,
  rule TEXT NOT NULL,
  kind TEXT NOT NULL,
  lossy INTEGER NOT NULL CHECK (lossy IN (0, 1)),
  variant TEXT NOT NULL,
  target TEXT NOT NULL,
  places TEXT NOT NULL,
  evidence TEXT NOT NULL,
  predicted_gain_ms REAL,
  risk TEXT NOT NULL
);

CREATE TABLE trial (
  id INTEGER PRIMARY KEY,
  advice INTEGER REFERENCES advice(id) ON DELETE SET NULL,
  ordinal INTEGER NOT NULL,
  rule TEXT NOT NULL,
  kind TEXT NOT NULL,
  lossy INTEGER NOT NULL CHECK (lossy IN (0, 1)),
  variant TEXT NOT NULL,
  target TEXT NOT NULL,
  predicted_gain_ms REAL,
  measured_gain_ms REAL,
  ratio REAL,
  ratio_lo REAL,
  ratio_hi REAL,
  verdict TEXT CHECK (verdict IN ('faster', 'slower', 'inconclusive')),
  accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
  reason TEXT NOT NULL,
  cosine REAL,
  max_abs REAL,
  rounds INTEGER NOT NULL,
  seconds REAL NOT NULL
);

CREATE TABLE proof (
  id INTEGER PRIMARY KEY,
  baseline_ms REAL NOT NULL,
  optimized_ms REAL NOT NULL,
  speedup REAL NOT NULL,
  speedup_lo REAL,
  speedup_hi REAL,
  verdict TEXT CHECK (verdict IN ('faster', 'slower', 'inconclusive')),
  cosine REAL,
  max_abs REAL,
  top1_agreement REAL,
  samples INTEGER NOT NULL,
  inputs TEXT NOT NULL CHECK (inputs IN ('given', 'synthetic')),
  peak_memory_before INTEGER,
  peak_memory_after INTEGER,
  model_bytes_before INTEGER,
  model_bytes_after INTEGER,
  constraints_met INTEGER NOT NULL CHECK (constraints_met IN (0, 1)),
  output_file TEXT NOT NULL,
  rounds INTEGER NOT NULL,
  search_seconds REAL NOT NULL
);

CREATE TABLE near_miss (
  id INTEGER PRIMARY KEY,
  rule TEXT NOT NULL,
  place TEXT NOT NULL,
  why TEXT NOT NULL
);
)sql";

}  // namespace ridgeline::profile::schema
