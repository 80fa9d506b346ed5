// How fast this machine runs one operator in each of the forms it could take: measured by running the operator alone
// through the engine, cached per machine, engine and thread count.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "graph/model.h"

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace ridgeline::advisor {

// One way to run an operator. `key` names the form and the shapes, "MatMulNBits b4 k128 M1 K1024 N2816": equal keys
// stand for models of equal speed, in this process and in later ones.
struct KernelForm {
  std::string key;
  std::function<graph::Model()> build;  // inputs must have fixed shapes
  int copies = 1;                       // of the operator in the model; the time told is that of one
};

class KernelTimes {
 public:
  // `maxSeconds` bounds what all measurements of this object may take together; forms asked for later fail.
  explicit KernelTimes(int threads, double maxSeconds = 60) : m_threads(threads), m_secondsLeft(maxSeconds) {}

  // Time in ms of one run of a small model, the fastest of a few dozen, as processor time per thread. The first call
  // for a key builds and times the model, later ones (in later processes too) answer from the cache. Fails when the
  // engine cannot run the form here.
  Result<double> time(const std::string& key, const std::function<graph::Model()>& build);

  // The same for forms that compete with each other: those not known yet are timed in interleaved rounds together with
  // the first form, and scaled to its cached time, so that a drifting machine does not favour one. One result a form.
  std::vector<Result<double>> compare(std::span<const KernelForm> forms);

  // Answers with this time, in ms, from now on; negative: the form does not run. Not written to the cache.
  void assume(const std::string& key, double ms);

  int threads() const { return m_threads; }

 private:
  void loadCache();
  void saveCache() const;
  Result<double> known(const std::string& key) const;
  void measure(std::span<const KernelForm* const> forms);

  int m_threads;
  double m_secondsLeft;
  bool m_loaded = false;
  std::map<std::string, double> m_times;  // negative: the form does not run here
  std::set<std::string> m_unsure;         // assumed, or timed on a machine too busy for it: not for later processes
};

}  // namespace ridgeline::advisor
