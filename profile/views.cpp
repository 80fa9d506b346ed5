// Views for people: readable units, the order one wants to read them in.
#include "profile/schema.h"

#include <string>

namespace ridgeline::profile::schema {
namespace {

constexpr std::string_view kViews = R"sql(
CREATE VIEW operators AS
SELECT o.id, o.name, o.op_type, o.calls_per_run AS calls, o.time_ns / 1e6 AS time_ms,
  CASE WHEN o.depth = 0 THEN o.time_ns / NULLIF((SELECT SUM(time_ns) FROM operator WHERE depth = 0), 0) END AS share,
  (o.flops + o.int_ops) / 1e9 AS gops, (o.bytes_read + o.bytes_written) / 1e6 AS mbytes, o.compute_type,
  c.intensity, c.achieved_ops_per_s / 1e9 AS achieved_gops_per_s, c.achieved_bytes_per_s / 1e9 AS achieved_gb_per_s,
  c.bound, c.level, c.roof_time_ns / 1e6 AS roof_ms, c.headroom_ns / 1e6 AS headroom_ms,
  o.input_shapes, o.output_shapes, o.depth, o.provider
FROM operator o LEFT JOIN classification c ON c.operator = o.id
ORDER BY o.time_ns DESC;

CREATE VIEW hotspots AS
SELECT ROW_NUMBER() OVER (ORDER BY c.headroom_ns DESC, o.id) AS rank, o.name, o.op_type, o.time_ns / 1e6 AS time_ms,
  c.roof_time_ns / 1e6 AS roof_ms, c.headroom_ns / 1e6 AS headroom_ms,
  c.headroom_ns / NULLIF(SUM(c.headroom_ns) OVER (), 0) AS headroom_share, c.bound, c.level
FROM operator o JOIN classification c ON c.operator = o.id
WHERE c.headroom_ns IS NOT NULL AND o.depth = 0
ORDER BY c.headroom_ns DESC, o.id;

CREATE VIEW roofs AS
SELECT d.name AS device, r.kind,
  CASE r.kind WHEN 'compute' THEN r.dtype ELSE TRIM(r.level || ' ' || r.pattern) END AS what,
  r.value / 1e9 AS value,
  CASE r.unit WHEN 'FLOP/s' THEN 'GFLOP/s' WHEN 'OP/s' THEN 'GOP/s' WHEN 'B/s' THEN 'GB/s' ELSE '1e9 ' || r.unit END AS unit,
  r.threads, r.spread * 100 AS spread_percent, r.provenance, r.how
FROM roof r LEFT JOIN device d ON d.id = r.device
ORDER BY r.kind DESC, r.id;

CREATE VIEW trials AS
SELECT t.ordinal, t.rule, t.variant, t.kind, CASE t.lossy WHEN 1 THEN 'lossy' ELSE 'exact' END AS exactness, t.target,
  t.predicted_gain_ms, t.measured_gain_ms, t.ratio, t.ratio_lo, t.ratio_hi, t.verdict,
  CASE t.accepted WHEN 1 THEN 'accepted' ELSE 'rejected' END AS decision, t.reason, t.cosine, t.max_abs, t.rounds, t.seconds,
  t.bytes_before, t.bytes_after,
  CASE WHEN t.spinning_gain_ms IS NOT NULL THEN 'sleep' WHEN t.verdict IS NOT NULL THEN 'spin' END AS idle_threads
FROM trial t
ORDER BY t.ordinal, t.id;

CREATE VIEW predictions AS
WITH spinning AS (
  SELECT ordinal, id, rule, variant, predicted_gain_ms, COALESCE(spinning_gain_ms, measured_gain_ms) AS measured_gain_ms,
    COALESCE(spinning_before_ms, before_ms) AS before_ms, CASE WHEN spinning_gain_ms IS NULL THEN ratio_lo END AS ratio_lo,
    CASE WHEN spinning_gain_ms IS NULL THEN ratio_hi END AS ratio_hi, bytes_after
  FROM trial)
SELECT ordinal, rule, variant, predicted_gain_ms, measured_gain_ms, before_ms,
  ABS(predicted_gain_ms - measured_gain_ms) / MAX(ABS(predicted_gain_ms), ABS(measured_gain_ms)) AS gain_error,
  MAX(0.0, before_ms * (1 - 1 / ratio_lo) - predicted_gain_ms, predicted_gain_ms - before_ms * (1 - 1 / ratio_hi))
    / MAX(ABS(predicted_gain_ms), ABS(measured_gain_ms)) AS error_beyond_noise,
  ABS(predicted_gain_ms - measured_gain_ms) / (before_ms - measured_gain_ms) AS latency_error
FROM spinning
WHERE predicted_gain_ms > 0 AND measured_gain_ms IS NOT NULL AND bytes_after IS NULL
ORDER BY ordinal, id;

CREATE VIEW advice_ranked AS
SELECT ROW_NUMBER() OVER (ORDER BY a.predicted_gain_ms IS NULL, a.predicted_gain_ms DESC, a.lossy, a.id) AS rank,
  a.rule, a.variant, a.kind, CASE a.lossy WHEN 1 THEN 'lossy' ELSE 'exact' END AS exactness, a.target,
  a.predicted_gain_ms, a.risk, a.evidence
FROM advice a
ORDER BY a.predicted_gain_ms IS NULL, a.predicted_gain_ms DESC, a.lossy, a.id;

CREATE VIEW latency AS
SELECT kind, COUNT(*) AS runs, MIN(ms) AS min_ms,
  AVG(CASE WHEN place IN ((n + 1) / 2, (n + 2) / 2) THEN ms END) AS median_ms, MAX(ms) AS max_ms
FROM (SELECT kind, duration_ns / 1e6 AS ms, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY duration_ns) AS place,
        COUNT(*) OVER (PARTITION BY kind) AS n FROM run)
GROUP BY kind;

CREATE VIEW slices AS
SELECT s.id, t.name AS track, COALESCE(l.text, o.name) AS name, s.start_ns / 1e6 AS start_ms,
  s.duration_ns / 1e6 AS duration_ms, s.run
FROM slice s JOIN track t ON t.id = s.track LEFT JOIN operator o ON o.id = s.operator LEFT JOIN label l ON l.id = s.label;
)sql";

}  // namespace

std::string_view views() {
  static const std::string all = std::string(kViews) + std::string(timelineViews());
  return all;
}

}  // namespace ridgeline::profile::schema
