#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// A classifier over the first token, or a language model's last one, takes one entry of what the layers before it made
// for all. The Gather or Slice moves up, to before everything that treats each entry by itself, so that the rest is
// never computed: a transformer's last layer then works on one token, save for its keys and values.
std::unique_ptr<Rule> makeMoveSelectionsRule();

}  // namespace ridgeline::advisor
