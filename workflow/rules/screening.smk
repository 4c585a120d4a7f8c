# From films, real and generated, to the five scores of each.
SCREENING = [
    "draw_chests",
    "draw_lesions",
    "pack_films",
    "train_segmenter",
    "train_abnormality",
    "classify_sex",
    "alter_films",
    "generate_films",
    "segment_images",
    "classify_images",
    "measure_symmetry",
    "classify_symmetry",
    "score_images",
    "report_screening",
]
TRACKS |= dict.fromkeys(SCREENING, "Screening")


rule screening:
    input:
        every_out(*SCREENING),


rule draw_chests:
    input:
        deps("draw_chests"),
    output:
        **outs("draw_chests"),
    log:
        "logs/draw_chests.log",
    benchmark:
        "benchmarks/draw_chests.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("draw_chests")


rule draw_lesions:
    input:
        deps("draw_lesions"),
    output:
        **outs("draw_lesions"),
    log:
        "logs/draw_lesions.log",
    benchmark:
        "benchmarks/draw_lesions.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("draw_lesions")


rule pack_films:
    input:
        deps("pack_films"),
    output:
        **outs("pack_films"),
    log:
        "logs/pack_films@{set}.log",
    benchmark:
        "benchmarks/pack_films@{set}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("pack_films")


rule train_segmenter:
    input:
        deps("train_segmenter"),
    output:
        **outs("train_segmenter"),
    log:
        "logs/train_segmenter@{set}.log",
    benchmark:
        "benchmarks/train_segmenter@{set}.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("train_segmenter")


rule train_abnormality:
    input:
        deps("train_abnormality"),
    output:
        **outs("train_abnormality"),
    log:
        "logs/train_abnormality.log",
    benchmark:
        "benchmarks/train_abnormality.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("train_abnormality")


rule classify_sex:
    input:
        deps("classify_sex"),
    output:
        **outs("classify_sex"),
    log:
        "logs/classify_sex.log",
    benchmark:
        "benchmarks/classify_sex.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("classify_sex")


rule alter_films:
    input:
        deps("alter_films"),
    output:
        **outs("alter_films"),
    log:
        "logs/alter_films.log",
    benchmark:
        "benchmarks/alter_films.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("alter_films")


rule generate_films:
    input:
        deps("generate_films"),
    output:
        **outs("generate_films"),
    log:
        "logs/generate_films.log",
    benchmark:
        "benchmarks/generate_films.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("generate_films")


rule segment_images:
    input:
        deps("segment_images"),
    output:
        **outs("segment_images"),
    log:
        "logs/segment_images@{batch}.log",
    benchmark:
        "benchmarks/segment_images@{batch}.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("segment_images")


rule classify_images:
    input:
        deps("classify_images"),
    output:
        **outs("classify_images"),
    log:
        "logs/classify_images@{batch}.log",
    benchmark:
        "benchmarks/classify_images@{batch}.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("classify_images")


rule measure_symmetry:
    input:
        deps("measure_symmetry"),
    output:
        **outs("measure_symmetry"),
    log:
        "logs/measure_symmetry@{batch}.log",
    benchmark:
        "benchmarks/measure_symmetry@{batch}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("measure_symmetry")


rule classify_symmetry:
    input:
        deps("classify_symmetry"),
    output:
        **outs("classify_symmetry"),
    log:
        "logs/classify_symmetry.log",
    benchmark:
        "benchmarks/classify_symmetry.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("classify_symmetry")


rule score_images:
    input:
        deps("score_images"),
    output:
        **outs("score_images"),
    log:
        "logs/score_images.log",
    benchmark:
        "benchmarks/score_images.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("score_images")


rule report_screening:
    input:
        deps("report_screening"),
    output:
        **outs("report_screening"),
    log:
        "logs/report_screening.log",
    benchmark:
        "benchmarks/report_screening.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("report_screening")
