// Schema 5: what a trial won where threads spin, when it was kept for where they sleep. Never edited once released:
// later changes are further steps.
#pragma once

#include <string_view>

namespace ridgeline::profile::schema {

inline constexpr std::string_view kSchema5 = R"sql(
ALTER TABLE trial ADD COLUMN spinning_gain_ms REAL;
ALTER TABLE trial ADD COLUMN spinning_before_ms REAL;
)sql";

}  // namespace ridgeline::profile::schema
