// For plugins written in C++: what each of them needs around the C table of ridgeline_plugin.h. Nothing but this header
// and the standard library; vendors may use it, and need not.
#pragma once

#include "ridgeline_plugin.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>

namespace ridgeline::plugin {

// The host that opened this plugin; null before ridgeline_plugin_open() and after close().
inline const RidgelineHost* host = nullptr;

// Tells the host why, in one line, and hands the status on.
inline RidgelineStatus fail(RidgelineStatus status, const std::string& why) {
  host->message(host->context, RIDGELINE_ERROR, why.c_str());
  return status;
}

// Runs the body of a function of the table. No exception may leave a plugin.
template <class Body>
RidgelineStatus guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception& e) {
    host->message(host->context, RIDGELINE_ERROR, e.what());
  } catch (...) {
    host->message(host->context, RIDGELINE_ERROR, "an exception of an unknown kind");
  }
  return RIDGELINE_FAILED;
}

// Where the library `name`, which is no plugin itself, lies: in the folder above the plugin's, or beside it. `own` is
// the address of any function of the plugin. Empty when it is in neither.
inline std::string libraryBeside(const void* own, const char* name) {
  Dl_info here{};
  if (::dladdr(own, &here) == 0 || !here.dli_fname) return {};
  std::error_code ec;
  const auto folder = std::filesystem::absolute(here.dli_fname, ec).parent_path();
  for (const auto& candidate : {folder / ".." / name, folder / name}) {
    if (!std::filesystem::is_regular_file(candidate, ec)) continue;
    return std::filesystem::weakly_canonical(candidate, ec).string();
  }
  return {};
}

}  // namespace ridgeline::plugin
