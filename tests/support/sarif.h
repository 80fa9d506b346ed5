// Validates SARIF against the standard's own schema, which scripts/setup fetches.
#pragma once

#include <string>

namespace ridgeline::tests {

// Whether the schema and a validator are there; says what is missing.
bool canValidateSarif();
// Empty when valid, else what is wrong.
std::string whyNotSarif(const std::string& sarif);

}  // namespace ridgeline::tests
