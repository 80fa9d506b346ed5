// RUN: checks=cpu-not-vectorized

#include <cmath>
#include <cstdio>
#include <vector>

float sum(const float* values, int n) {
  float total = 0;
  for (int i = 0; i < n; ++i) total += values[i];
  // CHECK-MESSAGES: Clang does not vectorize this loop
  return total;
}

void recur(float* values, int n) {
  for (int i = 1; i < n; ++i) {
    // CHECK-MESSAGES: Clang does not vectorize this loop
    values[i] = values[i - 1] * 0.5f + values[i];
  }
}

void exponentials(const float* in, float* out, int n) {
  for (int i = 0; i < n; ++i) out[i] = std::exp(in[i]);
  // CHECK-MESSAGES: Clang does not vectorize this loop
}

// Its bound may be one of the numbers that it writes.
struct Counts {
  int n;
  int* counts;
  float* sums;
};
void clear(Counts& all) {
  for (int i = 0; i < all.n; i++) {
    // CHECK-MESSAGES: Clang does not vectorize this loop
    all.counts[i] = 0;
    all.sums[i] = 0.0f;
  }
}

int main() {
  std::vector<float> values(100, 1.0f);
  recur(values.data(), 100);
  exponentials(values.data(), values.data(), 100);
  std::printf("%f\n", static_cast<double>(sum(values.data(), 100)));
  return 0;
}
