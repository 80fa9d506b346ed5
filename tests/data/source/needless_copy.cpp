// RUN: checks=cpu-needless-copy

#include <cstdio>
#include <string>
#include <vector>

static double mean(std::vector<double> values) {
  // CHECK-MESSAGES: 'values' is copied for every call and only read
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += values[i];
  return sum / static_cast<double>(values.size());
}

static void fill(std::string text, std::string* out) {
  // CHECK-MESSAGES: 'text' is copied for every call and only read
  // CHECK-NOFIX: 'out' may lead to the same object
  *out = "x";
  for (std::size_t i = 0; i < text.size(); ++i) *out += text[i];
}

int main() {
  const std::vector<std::string> names{"a", "bb", "ccc"};
  std::size_t letters = 0;
  for (auto name : names) letters += name.size();
  // CHECK-MESSAGES: 'name' copies every element and is only read
  std::string out = "abc";
  fill(out, &out);
  std::printf("%f %zu %s\n", mean(std::vector<double>{1, 2, 3}), letters, out.c_str());
  return 0;
}
