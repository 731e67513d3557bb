# One function per module, so that CMake stays the only declaration of the module graph.
#
#   herder_module(core_jobs DEPS base)                     library herder_core_jobs from *.cpp of this folder,
#                                                          test program herder_core_jobs_test from *_test.cpp
#   herder_module(adapters_http DEPS base LIBS OpenSSL::SSL)  outside libraries are linked privately
#   herder_app(herder-agent DEPS worker STATIC)            a program of src/apps
# The agent is fully static, and shares its modules with the server: their libraries are static too.
set(OPENSSL_USE_STATIC_LIBS TRUE)
set(Boost_USE_STATIC_LIBS ON)
set(ZLIB_USE_STATIC_LIBS ON)
# A build folder that was configured with shared ones would keep them.
foreach(library OPENSSL_SSL_LIBRARY OPENSSL_CRYPTO_LIBRARY ZLIB_LIBRARY_RELEASE)
    if("${${library}}" MATCHES "\\.so$")
        unset(${library} CACHE)
    endif()
endforeach()
find_package(GTest REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)

add_library(herder_options INTERFACE)
target_include_directories(herder_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(herder_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wswitch-enum
    -Wimplicit-fallthrough)
if(HERDER_WERROR)
    target_compile_options(herder_options INTERFACE -Werror)
endif()

set_property(GLOBAL PROPERTY herder_modules "")

function(herder_module name)
    cmake_parse_arguments(arg "SLOW_TESTS" "" "DEPS;LIBS;TEST_DEPS;TEST_LIBS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    set(tests ${sources})
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cpp$")
    set(scope PUBLIC)
    if(sources)
        add_library(herder_${name} STATIC ${sources})
        target_link_libraries(herder_${name} PRIVATE ${arg_LIBS})
    else()
        add_library(herder_${name} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_link_libraries(herder_${name} ${scope} herder_options)
    foreach(dep IN LISTS arg_DEPS)
        target_link_libraries(herder_${name} ${scope} herder_${dep})
    endforeach()
    if(tests)
        add_executable(herder_${name}_test ${tests})
        # For the suites of tests/conformance; nothing else lies outside src/.
        target_include_directories(herder_${name}_test PRIVATE ${CMAKE_SOURCE_DIR})
        target_link_libraries(herder_${name}_test PRIVATE herder_${name} GTest::gtest GTest::gmock
            GTest::gtest_main ${arg_TEST_LIBS})
        foreach(dep IN LISTS arg_TEST_DEPS)
            target_link_libraries(herder_${name}_test PRIVATE herder_${dep})
        endforeach()
        # The compiler cache may make __FILE__ relative to the build folder: tests run there.
        # SLOW_TESTS: too slow without optimisation; built and run in the release preset alone.
        if(arg_SLOW_TESTS AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
            set_target_properties(herder_${name}_test PROPERTIES EXCLUDE_FROM_ALL TRUE)
        else()
            add_test(NAME ${name} COMMAND herder_${name}_test WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
        endif()
    endif()
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR})
    list(JOIN arg_DEPS "\", \"" deps)
    set_property(GLOBAL APPEND PROPERTY herder_modules
        "{\"name\": \"${name}\", \"folder\": \"${folder}\", \"deps\": [\"${deps}\"]}")
endfunction()

function(herder_app name)
    cmake_parse_arguments(arg "STATIC" "" "DEPS;LIBS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE herder_options ${arg_LIBS})
    foreach(dep IN LISTS arg_DEPS)
        target_link_libraries(${name} PRIVATE herder_${dep})
    endforeach()
    if(arg_STATIC)
        target_link_options(${name} PRIVATE -static -Wl,--gc-sections)
    endif()
endfunction()

function(herder_write_modules_json)
    get_property(modules GLOBAL PROPERTY herder_modules)
    list(JOIN modules ",\n  " text)
    file(WRITE ${CMAKE_BINARY_DIR}/modules.json "[\n  ${text}\n]\n")
endfunction()
