// How much of what rules predicted on this machine came true, for better predictions.
#pragma once

#include "advisor/rule.h"

#include <map>
#include <string>
#include <vector>

namespace ridgeline::advisor {

class Experience {
 public:
  explicit Experience(int threads) : m_threads(threads) {}

  // What a rule's prediction is to be multiplied with: the median share of earlier predictions that came true, nearer
  // to 1 the fewer there are. Only predictions of the same order of magnitude count: what holds for a network of
  // microseconds says nothing of one of seconds. Of the same variant if it was tried before, else of the rule's others.
  struct Lesson {
    double factor = 1;
    size_t trials = 0;
  };
  Lesson lesson(const std::string& rule, const std::string& variant, double predictedGainMs);

  // `predictedGainMs` as the rule said it. Remembered for later processes too.
  void learn(const std::string& rule, const std::string& variant, double predictedGainMs, double measuredGainMs);

 private:
  void load();

  int m_threads;
  bool m_loaded = false;
  // Measured / predicted, the latest last, by "rule 1e-1 ms" and "rule variant 1e-1 ms".
  std::map<std::string, std::vector<double>> m_shares;
};

}  // namespace ridgeline::advisor
