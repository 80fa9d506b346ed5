// Schema 4: what a trial did to memory or size where that was the goal, and how the winner is to be run. Never edited
// once released: later changes are further steps.
#pragma once

#include <string_view>

namespace ridgeline::profile::schema {

inline constexpr std::string_view kSchema4 = R"sql(
ALTER TABLE trial ADD COLUMN before_ms REAL;
ALTER TABLE trial ADD COLUMN bytes_before INTEGER;
ALTER TABLE trial ADD COLUMN bytes_after INTEGER;
ALTER TABLE proof ADD COLUMN goal TEXT NOT NULL DEFAULT 'latency';
ALTER TABLE proof ADD COLUMN tensor_memory_before INTEGER;
ALTER TABLE proof ADD COLUMN tensor_memory_after INTEGER;
ALTER TABLE proof ADD COLUMN engine_settings TEXT NOT NULL DEFAULT '';
ALTER TABLE proof ADD COLUMN specialization TEXT NOT NULL DEFAULT '';
)sql";

}  // namespace ridgeline::profile::schema
