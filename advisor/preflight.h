// How fast this machine runs one operator in each of the forms it could take: measured by running the operator alone
// through the engine, cached per machine, engine and thread count.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "graph/model.h"

namespace ridgeline::advisor {

class KernelTimes {
 public:
  explicit KernelTimes(int threads) : m_threads(threads) {}

  // Median time in ms of one run of a small model. `key` names the form and the shapes, "MatMulNBits b4 k128 M1 K1024 N2816";
  // the first call for a key builds and times the model, later ones (in later processes too) answer from the cache.
  // Fails when the engine cannot run the form here.
  Result<double> time(const std::string& key, const std::function<graph::Model()>& build);

  int threads() const { return m_threads; }

 private:
  void loadCache();
  int m_threads;
  bool m_loaded = false;
  std::map<std::string, double> m_times;  // negative: the form does not run here
};

}  // namespace ridgeline::advisor
