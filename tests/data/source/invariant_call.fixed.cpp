// RUN: checks=cpu-invariant-call

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

static int vowels(const char* text) {
  int count = 0;
  const auto length = std::strlen(text);
  for (std::size_t i = 0; i < length; ++i) {
    // CHECK-MESSAGES: strlen gives the same in every round of the loop
    count += text[i] == 'a' || text[i] == 'e';
  }
  return count;
}

int main() {
  std::vector<double> values(100, 1.0);
  double temperature = 3.0 + static_cast<double>(values.size());
  const auto expValue = std::exp(-1.0 / temperature);
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] *= expValue;
      // CHECK-MESSAGES: exp gives the same in every round of the loop
    }
  }
  std::printf("%d %.12f\n", vowels("an example"), values[4]);
  return 0;
}
