#pragma once
// A NumPy program to paste, as two scripts.

#include <string>

namespace npyrace {

struct Recipe {
  std::string create;  ///< run once, before the jobs; empty where NumPy has no such way to write
  std::string
      job;  ///< run by every job, with its number from 0; has a function write(job, records)
};

}  // namespace npyrace
