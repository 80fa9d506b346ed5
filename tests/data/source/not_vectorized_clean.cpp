// RUN: checks=cpu-not-vectorized

#include <cstdio>
#include <vector>

int sum(const int* values, int n) {
  int total = 0;
  for (int i = 0; i < n; ++i) total += values[i];
  return total;
}

void scale(float* values, int n) {
  for (int i = 0; i < n; ++i) values[i] *= 2.0f;
  // Too few rounds to matter.
  float last = 0;
  for (int i = 0; i < 4; ++i) last += values[i];
  values[0] = last;
}

int main() {
  std::vector<int> values(100, 1);
  std::vector<float> more(100, 1.0f);
  scale(more.data(), 100);
  std::printf("%d %f\n", sum(values.data(), 100), static_cast<double>(more[0]));
  return 0;
}
