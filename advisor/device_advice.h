// What the makers of a device say of rewrites on it (ridgeline_plugin.h, rewrites()). It orders what is tried and is
// shown as evidence; what is kept is measured all the same.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace ridgeline::advisor {

struct Opportunity;

struct DeviceAdvice {
  std::string rule;
  std::string variant;  // empty: every form of the rewrite
  bool pays = false;
  std::string why;   // one line
  std::string from;  // the plugin's name
};

// +1 for an opportunity that is said to pay, -1 for one that is said not to, 0 where nothing is said. The word on a
// variant goes before that on the whole rule; the reason is added to the opportunity's evidence.
int heedAdvice(std::span<const DeviceAdvice> advice, Opportunity& opportunity);

}  // namespace ridgeline::advisor
