# For find_package(tim), in small letters.
include("${CMAKE_CURRENT_LIST_DIR}/TimConfigVersion.cmake")
