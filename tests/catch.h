#pragma once
// Includes Catch2 v2 (Debian 12, one header) or v3 (newer systems, several headers).
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
