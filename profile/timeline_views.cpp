// Views about accelerators and imported recordings.
#include "profile/schema.h"

namespace ridgeline::profile::schema {

std::string_view timelineViews() {
  return R"sql(
CREATE VIEW kernels AS
SELECT g.id, l.text AS name, d.name AS device, r.name AS rank, g.kind, g.calls, g.total_ns / 1e6 AS total_ms,
  g.total_ns / NULLIF((SELECT SUM(o.total_ns) FROM kernel_group o WHERE o.device IS g.device), 0) AS share,
  g.total_ns / g.calls / 1e3 AS mean_us, g.median_ns / 1e3 AS median_us, g.min_ns / 1e3 AS min_us,
  g.max_ns / 1e3 AS max_us, s.grid_x || 'x' || s.grid_y || 'x' || s.grid_z AS grid,
  s.block_x || 'x' || s.block_y || 'x' || s.block_z AS block, g.operator, g.flops / 1e9 AS gops, g.bytes / 1e6 AS mbytes,
  g.bound, g.level, g.roof_time_ns / 1e6 AS roof_ms, g.headroom_ns / 1e6 AS headroom_ms
FROM kernel_group g LEFT JOIN label l ON l.id = g.label LEFT JOIN device d ON d.id = g.device
  LEFT JOIN rank r ON r.id = d.rank LEFT JOIN launch_shape s ON s.id = g.shape
ORDER BY g.total_ns DESC, g.id;

CREATE VIEW copies AS
SELECT d.name AS device, r.name AS rank, c.direction, c.pinned, COUNT(*) AS count, SUM(s.duration_ns) / 1e6 AS total_ms,
  SUM(c.bytes) / 1e6 AS mbytes, SUM(c.bytes) * 1.0 / NULLIF(SUM(CASE WHEN c.bytes IS NOT NULL THEN s.duration_ns END), 0) AS gb_per_s
FROM copy c JOIN slice s ON s.id = c.slice JOIN track t ON t.id = s.track LEFT JOIN device d ON d.id = t.device
  LEFT JOIN rank r ON r.id = t.rank
GROUP BY t.device, t.rank, c.direction, c.pinned
ORDER BY total_ms DESC;

CREATE VIEW device_time AS
SELECT d.name AS device, r.name AS rank, u.duration_ns / 1e6 AS span_ms, u.busy_ns / 1e6 AS busy_ms,
  (u.duration_ns - u.busy_ns) / 1e6 AS idle_ms, u.busy_ns * 1.0 / NULLIF(u.duration_ns, 0) AS busy_share,
  u.compute_ns / 1e6 AS compute_ms, u.communication_ns / 1e6 AS communication_ms, u.copy_ns / 1e6 AS copy_ms,
  u.communication_overlap_ns * 1.0 / NULLIF(u.communication_ns, 0) AS communication_hidden,
  u.copy_overlap_ns * 1.0 / NULLIF(u.copy_ns, 0) AS copy_hidden, u.kernels, u.queue_mean, u.queue_max,
  u.launch_delay_ns / 1e3 AS launch_delay_us
FROM device_use u LEFT JOIN device d ON d.id = u.device LEFT JOIN rank r ON r.id = d.rank
ORDER BY r.ordinal, d.ordinal, u.id;

CREATE VIEW idle_time AS
SELECT d.name AS device, r.name AS rank, i.reason, i.count, i.total_ns / 1e6 AS total_ms,
  i.total_ns * 1.0 / NULLIF((SELECT u.duration_ns FROM device_use u WHERE u.device IS i.device), 0) AS share,
  i.longest_ns / 1e3 AS longest_us
FROM idle_cause i LEFT JOIN device d ON d.id = i.device LEFT JOIN rank r ON r.id = d.rank
ORDER BY i.total_ns DESC, i.id;

CREATE VIEW call_tree AS
SELECT n.id, n.parent, r.name AS rank, l.text AS name, n.kind, n.calls, n.total_ns / 1e6 AS total_ms,
  n.self_ns / 1e6 AS self_ms, n.kernels, n.kernel_ns / 1e6 AS kernel_ms
FROM tree_node n LEFT JOIN rank r ON r.id = n.rank LEFT JOIN label l ON l.id = n.label;

CREATE VIEW runs AS
SELECT u.id, r.name AS rank, u.kind, u.ordinal, u.name, u.start_ns / 1e6 AS start_ms, u.duration_ns / 1e6 AS duration_ms
FROM run u LEFT JOIN rank r ON r.id = u.rank
ORDER BY u.rank, u.ordinal, u.id;

CREATE VIEW critical_path AS
SELECT p.run, p.ordinal, p.what, COALESCE(l.text, o.name) AS name, p.start_ns / 1e6 AS start_ms,
  p.duration_ns / 1e6 AS duration_ms
FROM path_part p LEFT JOIN slice s ON s.id = p.slice LEFT JOIN label l ON l.id = s.label
  LEFT JOIN operator o ON o.id = s.operator
ORDER BY p.run, p.ordinal;
)sql";
}

}  // namespace ridgeline::profile::schema
