@echo off
rem Looks for Python @PYTHON@ and hands over to start.py, which needs no network and no rights.
setlocal
set "wanted=import ensurepip, sys, sysconfig, venv; sys.exit((sys.version_info[:2], sysconfig.get_platform()) != ((@MAJOR@, @MINOR@), '@OWN_NAME@'))"
set python="%~dp0python\python.exe"
%python% -c "%wanted%" >nul 2>nul && goto found
set python=py -@PYTHON@
%python% -c "%wanted%" >nul 2>nul && goto found
set python=python
%python% -c "%wanted%" >nul 2>nul && goto found
chcp 65001 >nul
type "%~dp0no-python.txt"
pause
exit /b 1
:found
%python% "%~dp0start.py" %*
set code=%errorlevel%
if not "%code%"=="0" pause
exit /b %code%
