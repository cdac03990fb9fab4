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
        _mef3_words 'ls info cat plot overview gaps records note diff verify repair copy import export archive extract demo top help --help --version'
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
    plot:-c | plot:--channel)
        _mef3_channels
        return
        ;;
    plot:--from)
        :
        return
        ;;
    plot:--to)
        :
        return
        ;;
    plot:--scale)
        :
        return
        ;;
    plot:--up)
        _mef3_words 'positive negative'
        return
        ;;
    plot:--size)
        :
        return
        ;;
    plot:--format)
        _mef3_words 'png svg'
        return
        ;;
    plot:-o | plot:--output)
        _mef3_files
        return
        ;;
    plot:--password-file)
        _mef3_files
        return
        ;;
    overview:-c | overview:--channel)
        _mef3_channels
        return
        ;;
    overview:--from)
        :
        return
        ;;
    overview:--to)
        :
        return
        ;;
    overview:--scale)
        :
        return
        ;;
    overview:--up)
        _mef3_words 'positive negative'
        return
        ;;
    overview:--size)
        :
        return
        ;;
    overview:--format)
        _mef3_words 'png svg'
        return
        ;;
    overview:-o | overview:--output)
        _mef3_files
        return
        ;;
    overview:--password-file)
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
    records:-c | records:--channel)
        _mef3_channels
        return
        ;;
    records:--type)
        :
        return
        ;;
    records:--from)
        :
        return
        ;;
    records:--to)
        :
        return
        ;;
    records:--password-file)
        _mef3_files
        return
        ;;
    note:--at)
        :
        return
        ;;
    note:-c | note:--channel)
        _mef3_channels
        return
        ;;
    note:--type)
        :
        return
        ;;
    note:--duration)
        :
        return
        ;;
    note:--level)
        :
        return
        ;;
    note:--password-file)
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
    verify:-j | verify:--jobs)
        :
        return
        ;;
    verify:--password-file)
        _mef3_files
        return
        ;;
    repair:--password-file)
        _mef3_files
        return
        ;;
    copy:-c | copy:--channel)
        _mef3_channels
        return
        ;;
    copy:--from)
        :
        return
        ;;
    copy:--to)
        :
        return
        ;;
    copy:--block)
        :
        return
        ;;
    copy:--new-password-file)
        _mef3_files
        return
        ;;
    copy:--name)
        _mef3_channels
        return
        ;;
    copy:--start)
        :
        return
        ;;
    copy:--time-offset)
        :
        return
        ;;
    copy:--password-file)
        _mef3_files
        return
        ;;
    import:--rate)
        :
        return
        ;;
    import:--start)
        :
        return
        ;;
    import:--factor)
        :
        return
        ;;
    import:--units)
        :
        return
        ;;
    import:--name)
        _mef3_channels
        return
        ;;
    import:--time)
        _mef3_words 'uutc iso seconds none'
        return
        ;;
    import:--time-zone)
        :
        return
        ;;
    import:--format)
        _mef3_words 'edf npy csv'
        return
        ;;
    import:--block)
        :
        return
        ;;
    import:--new-password-file)
        _mef3_files
        return
        ;;
    export:-c | export:--channel)
        _mef3_channels
        return
        ;;
    export:--from)
        :
        return
        ;;
    export:--to)
        :
        return
        ;;
    export:--format)
        _mef3_words 'edf bdf npy csv wav wav-f32'
        return
        ;;
    export:--time-zone)
        :
        return
        ;;
    export:--password-file)
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
    top:--every)
        :
        return
        ;;
    esac
    case $command in
    ls) options='--json --password-file --help' ;;
    info) options='--json --password-file --help' ;;
    cat) options='-c --channel --from --to --counts --format -o --output --password-file --help' ;;
    plot) options='-c --channel --from --to --scale --up --size --dark --format -o --output --password-file --help' ;;
    overview) options='-c --channel --from --to --scale --up --size --dark --format -o --output --password-file --help' ;;
    gaps) options='-c --channel --at-least --csv --json --password-file --help' ;;
    records) options='-c --channel --type --from --to --json --csv --password-file --help' ;;
    note) options='--at -c --channel --type --duration --level --password-file --help' ;;
    diff) options='--metadata --samples --json --password-file --password-file-b --help' ;;
    verify) options='--json --quick -j --jobs --password-file --help' ;;
    repair) options='--json --password-file --help' ;;
    copy) options='-c --channel --from --to --block --one-segment --new-password-file --plain --anonymise --name --keep-records --start --time-offset --password-file --help' ;;
    import) options='--rate --start --factor --units --name --transpose --time --time-zone --format --block --new-password-file --help' ;;
    export) options='-c --channel --from --to --format --counts --time-zone --password-file --help' ;;
    archive) options='--help' ;;
    extract) options='--help' ;;
    demo) options='--channels --rate --hours --segments --seed --help' ;;
    top) options='--every --once --json --help' ;;
    help)
        _mef3_words 'ls info cat plot overview gaps records note diff verify repair copy import export archive extract demo top help'
        return
        ;;
    esac
    if [[ $cur == -* ]]; then
        _mef3_words "$options"
        return
    fi
    case $command in
    import) _mef3_files ;;
    *) _mef3_recordings ;;
    esac
}
complete -F _mef3 mef3
