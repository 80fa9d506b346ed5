// What was learned on this machine, kept for later processes: a JSON object for each machine, engine and thread count
// in a file of the cache folder.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace ridgeline::advisor {

class MachineCache {
 public:
  // `file` is a name in the cache folder; files of another `version` count as empty.
  MachineCache(std::string file, int version, int threads);

  // An object; empty when there is none that can be read.
  nlohmann::json load() const;
  // Adds the object's keys to those that are there. A cache that cannot be written costs time in the next process,
  // nothing else: no error. Two processes that write at once lose one's news, never the file.
  void add(const nlohmann::json& news) const;

 private:
  nlohmann::json readAll() const;

  std::string m_file;
  int m_version;
  std::string m_machine;
};

}  // namespace ridgeline::advisor
