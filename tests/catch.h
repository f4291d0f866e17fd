#pragma once
// Catch2 under one name: Debian 12 has v2 (one header), newer systems v3 (many).
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
