// RUN: checks=array-of-structs

#include <cstdio>

struct Pair {
  float a, b;
};

int main() {
  Pair* pairs = new Pair[100]();
  float sum = 0;
  for (int i = 0; i < 100; ++i) sum += pairs[i].a;
  std::printf("%f\n", static_cast<double>(sum));
  delete[] pairs;
  return 0;
}
