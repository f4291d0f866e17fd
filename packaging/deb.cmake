# The Debian package, by CPack, from the prefix that packaging/dist lays out and gives here as
# CPACK_INSTALLED_DIRECTORIES. The program is static: the package depends on nothing.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME npyrace)
set(CPACK_PACKAGE_CONTACT "npyrace contributors <maintainers@npyrace.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "races write strategies for one shared NumPy file")
set(CPACK_PACKAGE_DESCRIPTION
"npyrace finds out whether many jobs can write their own rows into one .npy file
on your file system without losing any, and which safe way of writing is the
fastest. It is one static program.")
set(CPACK_PACKAGE_FILE_NAME npyrace)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# fusermount3, with which users other than root mount a lab.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS fuse3)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
