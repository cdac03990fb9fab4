# Completion of mef3 for bash. Made by: make reference

# The words of a list that begin with what is typed.
_mef3_words()
{
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

# Folders, and recordings that are a file; not what is inside of a recording.
_mef3_recordings()
{
    [[ $cur == *.mefd/* ]] && return
    compopt -o filenames 2> /dev/null
    mapfile -t COMPREPLY < <(compgen -d -- "$cur"; compgen -f -X '!*.mefd.tar' -- "$cur")
}

# Whatever readline completes by itself: files.
_mef3_files()
{
    compopt -o default 2> /dev/null
}

# Channels of the recording that is named on the line.
_mef3_channels()
{
    local word session= name typed=${cur//\\/}
    for word in "${COMP_WORDS[@]:2}"; do
        word=${word//\\/}
        [[ $word == *.mefd || $word == *.mefd/ || $word == *.mefd.tar ]] && session=$word
    done
    [[ $session ]] || return
    while IFS= read -r name; do
        [[ $name == "$typed"* ]] && COMPREPLY+=("$(printf %q "$name")")
    done < <("${COMP_WORDS[0]}" --print-channels "${session/#\~/$HOME}" 2> /dev/null)
}

_mef3()
{
    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} options=
    COMPREPLY=()
    # --format=csv is three words to bash.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if ((COMP_CWORD == 1)); then
        _mef3_words 'ls info cat gaps diff demo help --help --version'
        return
    fi
    case $command:$before in
    ls:--password-file)
        _mef3_files
        return
        ;;
    info:--password-file)
        _mef3_files
        return
        ;;
    cat:-c | cat:--channel)
        _mef3_channels
        return
        ;;
    cat:--from)
        :
        return
        ;;
    cat:--to)
        :
        return
        ;;
    cat:--format)
        _mef3_words 'csv f64 f32 i32 npy'
        return
        ;;
    cat:-o | cat:--output)
        _mef3_files
        return
        ;;
    cat:--password-file)
        _mef3_files
        return
        ;;
    gaps:-c | gaps:--channel)
        _mef3_channels
        return
        ;;
    gaps:--at-least)
        :
        return
        ;;
    gaps:--password-file)
        _mef3_files
        return
        ;;
    diff:--password-file)
        _mef3_files
        return
        ;;
    diff:--password-file-b)
        _mef3_files
        return
        ;;
    demo:--channels)
        :
        return
        ;;
    demo:--rate)
        :
        return
        ;;
    demo:--hours)
        :
        return
        ;;
    demo:--segments)
        :
        return
        ;;
    demo:--seed)
        :
        return
        ;;
    esac
    case $command in
    ls) options='--json --password-file --help' ;;
    info) options='--json --password-file --help' ;;
    cat) options='-c --channel --from --to --counts --format -o --output --password-file --help' ;;
    gaps) options='-c --channel --at-least --csv --json --password-file --help' ;;
    diff) options='--metadata --samples --json --password-file --password-file-b --help' ;;
    demo) options='--channels --rate --hours --segments --seed --help' ;;
    help)
        _mef3_words 'ls info cat gaps diff demo help'
        return
        ;;
    esac
    if [[ $cur == -* ]]; then
        _mef3_words "$options"
        return
    fi
    case $command in
    *) _mef3_recordings ;;
    esac
}
complete -F _mef3 mef3
