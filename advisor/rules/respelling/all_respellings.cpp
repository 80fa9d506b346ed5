#include "advisor/rules/respelling/respelling.h"

#include <array>

namespace ridgeline::advisor {

std::span<const Respelling* const> allRespellings() {
  static const std::array<const Respelling*, 7> all{&kSoftmax, &kLogSoftmax, &kPRelu, &kTanhOfSoftplus,
                                                    &kEinsum,  &kConv1d,     &kLrn};
  return all;
}

}  // namespace ridgeline::advisor
