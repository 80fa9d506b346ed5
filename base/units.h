// Numbers for people: "12.3 ms", "50.1 GB/s", "97.4 MiB", and the reverse for command-line values.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ridgeline {

std::string formatMs(double ms);        // three significant digits: "43.5 ms", "812 us", "1.20 s"
std::string formatBytes(double bytes);  // powers of 1000, as bandwidth is: "102 MB"
std::string formatRate(double perSecond, std::string_view unit);  // "234 GFLOP/s", "50.1 GB/s" from FLOP/s, B/s
std::string formatCount(double n);                                // "4.09 G", "25.6 M"
std::string formatPercent(double fraction);                       // 0.0345 -> "3.5 %"
std::string formatSignificant(double v, int digits = 3);

// "5ms", "250us", "1.5s", "10m", "2h" -> seconds. A bare number is refused: units are part of the question.
Result<double> parseDuration(std::string_view text);
// "200MB", "1.5GB", "64KiB", "1000B" -> bytes.
Result<double> parseBytes(std::string_view text);
// "3%" or "0.03" -> 0.03.
Result<double> parseFraction(std::string_view text);

}  // namespace ridgeline
