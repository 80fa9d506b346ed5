// Schema 3: how nodes are connected, and levels of detail for drawing long timelines. Never edited once released: later
// changes are further steps.
#pragma once

#include <string_view>

namespace ridgeline::profile::schema {

inline constexpr std::string_view kSchema3 = R"sql(
CREATE TABLE node_edge (
  source INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  target INTEGER NOT NULL REFERENCES node(id) ON DELETE CASCADE,
  PRIMARY KEY (source, target)
) WITHOUT ROWID;

CREATE TABLE level_track (
  track INTEGER PRIMARY KEY,
  slices INTEGER NOT NULL,
  lanes INTEGER NOT NULL,
  start_ns INTEGER NOT NULL,
  end_ns INTEGER NOT NULL
);

CREATE TABLE level_block (
  id INTEGER PRIMARY KEY,
  track INTEGER NOT NULL,
  level INTEGER NOT NULL,
  start_ns INTEGER NOT NULL,
  end_ns INTEGER NOT NULL,
  count INTEGER NOT NULL,
  spans BLOB NOT NULL
);

CREATE TABLE level_mark (
  id INTEGER PRIMARY KEY,
  track INTEGER NOT NULL,
  start_ns INTEGER NOT NULL,
  open TEXT NOT NULL
);
)sql";

}  // namespace ridgeline::profile::schema
