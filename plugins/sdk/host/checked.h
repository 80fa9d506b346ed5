// Reads what a plugin hands over, and finds what makes no sense in it.
#pragma once

#include "plugins/sdk/host/description.h"
#include "plugins/sdk/ridgeline_plugin.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace ridgeline::plugins {

// Collects the first thing that is wrong.
class Checker {
 public:
  void complain(std::string what) {
    if (m_trouble.empty()) m_trouble = std::move(what);
  }
  bool ok() const { return m_trouble.empty(); }
  const std::string& trouble() const { return m_trouble; }

  // A text that must be there, or may be NULL and is then empty.
  std::string required(const char* text, std::string_view what);
  std::string optional(const char* text, std::string_view what);
  // Lower-case words for command lines: letters, digits, '_' and, if wanted, '-'.
  std::string identifier(const char* text, std::string_view what, bool dashes);
  std::string jsonObject(const char* text, std::string_view what);

 private:
  std::string m_trouble;
};

constexpr size_t kLargestStruct = 1 << 16;

// A struct by its own size: members it does not have are zero. Every struct of ABI 1 is whole.
template <class T>
T wholeStruct(const T* given, std::string_view what, Checker& check) {
  T whole{};
  whole.size = sizeof(T);
  if (!given) {
    check.complain(fmt::format("{} is NULL", what));
  } else if (given->size < sizeof(T) || given->size > kLargestStruct || given->size % alignof(T) != 0) {
    check.complain(fmt::format("{} says that it has {} bytes, where ABI 1 has {}", what,
                               static_cast<size_t>(given->size), sizeof(T)));
  } else {
    std::memcpy(&whole, given, sizeof(T));
    whole.size = sizeof(T);
  }
  return whole;
}

PluginDescription checkedInfo(const RidgelineInfo* info, Checker& check);
DeviceDescription checkedDevice(const RidgelineDevice* device, Checker& check);
RoofDescription checkedRoof(const RidgelineRoof* roof, Checker& check);
CounterDescription checkedCounter(const RidgelineCounter* counter, Checker& check);
RewriteDescription checkedRewrite(const RidgelineRewrite* rewrite, Checker& check);
Variable checkedVariable(const RidgelineVariable* variable, Checker& check);

}  // namespace ridgeline::plugins
