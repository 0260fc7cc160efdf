# shellcheck shell=sh
# The comment at the beginning of a script is the text of its --help.

# Prints it and ends the script.
show_help() {
	sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
	exit 0
}

# For a script without other options: prints the help if the first word asks for it.
answer_help() { # [WORD]
	case ${1-} in
	-h | --help) show_help ;;
	esac
}
