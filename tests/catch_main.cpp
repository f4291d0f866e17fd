// The main function of every unit test binary; with Catch2 v3 it comes from Catch2's own library.
#if !__has_include(<catch2/catch_all.hpp>)
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
