// RUN: checks=cpu-needless-copy

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

static double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

// Changed, moved on, small.
static double middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Holder {
  std::string name;
  explicit Holder(std::string n) : name(std::move(n)) {}
};

static int twice(std::pair<int, int> p) { return p.first * 2; }

int main() {
  std::vector<std::string> names{"a", "bb"};
  for (auto name : names) {
    name += "!";
    std::puts(name.c_str());
  }
  std::printf("%f %f %s %d\n", mean({1, 2}), middle({3, 1, 2}), Holder("x").name.c_str(), twice({1, 2}));
  return 0;
}
