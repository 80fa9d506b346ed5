// Large matrix products by cuBLASLt, found at run time: as fast as tensor cores can be made to go.
#pragma once

#include "plugins/cuda/roofs/session.h"

#include <string>
#include <vector>

namespace ridgeline::cuda {

struct Product {
  const char* dtype;  // as in RidgelineRoof: "float16"
  double operationsPerSecond = 0;
  double spread = 0;
  std::string how;
};

// Those types that this GPU and this cuBLASLt can multiply. Empty, with the reason in `why`, when there are none.
std::vector<Product> measureProducts(Session& session, const std::function<bool()>& stopped, std::string& why);

}  // namespace ridgeline::cuda
