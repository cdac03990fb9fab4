"""The table of bench_decode, and its figures for the report.

usage: decode.py --build BUILD [--quick] [--results FOLDER]
"""
import argparse
import subprocess

import results


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    results.add_options(arguments)
    options = arguments.parse_args()
    told = subprocess.run([f"{options.build}/bench/bench_decode", "--tsv"], check=True,
                          capture_output=True, text=True).stdout
    rows = []
    print(f"  {'data':28} {'':24} {'Msamples/s':>10} {'Mdiff. bytes/s':>14} {'x plain':>8}")
    for line in told.splitlines():
        data, row, per_sample, samples, differences, times = line.split("\t")
        rows.append({"row": row, "data": data, "bytes_a_sample": float(per_sample),
                     "msamples_s": float(samples), "mdifferences_s": float(differences),
                     "x_plain": float(times) or None})
        print(f"  {data:28} {row:24} {float(samples):10.1f} {float(differences):14.1f}"
              f" {times if float(times) else '':>8}")
    results.write(options, "decode", rows)


if __name__ == "__main__":
    main()
