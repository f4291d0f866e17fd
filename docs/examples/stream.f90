! The same job in Fortran: access='stream', every record written at its position.
!
! Run by: gfortran -o job docs/examples/stream.f90 && npyrace run --exec ./job
program stream
  implicit none
  integer, parameter :: long = selected_int_kind(18)
  integer(long) :: first, stop_before, step, records, data_at, record_bytes, i, total
  character(len=4096) :: file_name, right_name, go_name, line
  character(len=1) :: head(12)
  character(len=1), allocatable :: record(:)
  integer :: right, file, gate, status

  first = number('NPYRACE_SLICE_START')
  stop_before = number('NPYRACE_SLICE_STOP')
  step = number('NPYRACE_SLICE_STEP')
  records = number('NPYRACE_LENGTH')
  call get_environment_variable('NPYRACE_FILE', file_name)
  call get_environment_variable('NPYRACE_EXPECT', right_name)
  call get_environment_variable('NPYRACE_GO', go_name)

  open (newunit=right, file=trim(right_name), access='stream', form='unformatted', action='read')
  open (newunit=gate, file=trim(go_name), action='read')  ! waits until every job is here
  read (gate, '(a)', iostat=status) line
  open (newunit=file, file=trim(file_name), access='stream', form='unformatted', action='readwrite', status='old')

  read (right, pos=1) head
  data_at = 10 + ichar(head(9)) + 256*ichar(head(10))
  if (ichar(head(7)) > 1) data_at = data_at + 2 + 65536_long*ichar(head(11)) + 16777216_long*ichar(head(12))
  inquire (unit=right, size=total)
  record_bytes = (total - data_at)/records
  allocate (record(record_bytes))
  do i = first, stop_before - 1, step
    read (right, pos=1 + data_at + i*record_bytes) record
    write (file, pos=1 + data_at + i*record_bytes) record
  end do
  close (file)

contains

  integer(long) function number(name)
    character(len=*), intent(in) :: name
    character(len=32) :: text
    call get_environment_variable(name, text)
    read (text, *) number
  end function number

end program stream
