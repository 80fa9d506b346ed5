// RUN: checks=cpu-not-vectorized

#include <cstdio>
#include <cstdlib>
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

// Not about arithmetic: what is called does something, and a search ends where it ends.
void fill(float* values, int n) {
  for (int i = 0; i < n; ++i) values[i] = static_cast<float>(std::rand() % 8);
}

int find(const float* values, int n, float wanted) {
  for (int i = 0; i < n; ++i) {
    if (values[i] == wanted) return i;
  }
  return -1;
}

// Text, and the place of what is largest.
int blanks(const char* text, char* out, int n) {
  int kept = 0;
  for (int i = 0; i < n; ++i) {
    if (text[i] != ' ') out[kept++] = text[i];
  }
  return kept;
}

int largest(const float* values, int n) {
  int best = 0;
  for (int i = 1; i < n; ++i) {
    if (values[i] > values[best]) best = i;
  }
  return best;
}

// The loop within is the one that takes the time, and is vectorized.
static int rowSum(const int* row, int n) {
  int total = 0;
  for (int i = 0; i < n; ++i) total += row[i];
  return total;
}

float sumOfSums(const int* rows, float* sums, int n, int width) {
  float total = 0;
  for (int i = 0; i < n; ++i) {
    sums[i] = static_cast<float>(rowSum(rows + i * width, width));
    total += sums[i];
  }
  return total;
}

int main() {
  std::vector<int> values(100, 1);
  std::vector<float> more(100, 1.0f);
  scale(more.data(), 100);
  fill(more.data(), 100);
  std::printf("%g\n", static_cast<double>(sumOfSums(values.data(), more.data(), 10, 10)));
  std::printf("%d\n", find(more.data(), 100, 9.0f));
  char text[40] = "one two three", out[40];
  std::printf("%d %d\n", blanks(text, out, 13), largest(more.data(), 100));
  std::printf("%d %f\n", sum(values.data(), 100), static_cast<double>(more[0]));
  return 0;
}
