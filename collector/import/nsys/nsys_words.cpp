#include "collector/import/nsys/nsys_words.h"

#include <algorithm>

namespace ridgeline::collector::import {

using profile::CopyDirection;

// copyKind of CUPTI: CUpti_ActivityMemcpyKind.
CopyDirection copyDirectionOf(int64_t copyKind) {
  switch (copyKind) {
    case 1:
    case 3:
    case 11:
      return CopyDirection::HostToDevice;
    case 2:
    case 4:
    case 12:
      return CopyDirection::DeviceToHost;
    case 5:
    case 6:
    case 7:
    case 8:
    case 13:
      return CopyDirection::DeviceToDevice;
    case 9:
      return CopyDirection::HostToHost;
    case 10:
      return CopyDirection::PeerToPeer;
    default:
      return CopyDirection::Unknown;
  }
}

std::string_view withoutVersion(std::string_view call) {
  const auto at = call.rfind("_v");
  if (at == std::string_view::npos || at + 2 == call.size()) return call;
  const auto digits = call.substr(at + 2);
  return std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }) ? call.substr(0, at)
                                                                                                : call;
}

}  // namespace ridgeline::collector::import
