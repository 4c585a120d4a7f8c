# From real films to a generator of films, and what its films are good for.
GENERATION = [
    "train_gan",
    "draw_images",
    "score_drawn",
    "measure_loop",
    "draw_turing_test",
    "score_turing_test",
    "compare_training",
    "compare_sieving",
    "report_generation",
]
TRACKS |= dict.fromkeys(GENERATION, "Generation")


rule generation:
    input:
        every_out(*GENERATION),


# From real films to a sieve and what it saves: for films of train_gan, prepare_latents.sources: [drawn] (see the
# preset chest-loop).
rule loop:
    input:
        every_out(
            "compare_classifiers",
            "select_thresholds",
            "sieve_latents",
            "measure_loop",
        ),


rule train_gan:
    input:
        deps("train_gan"),
    output:
        **outs("train_gan"),
    log:
        "logs/train_gan@{group}.log",
    benchmark:
        "benchmarks/train_gan@{group}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("train_gan")


rule draw_images:
    input:
        deps("draw_images"),
    output:
        **outs("draw_images"),
    log:
        "logs/draw_images@{group}.log",
    benchmark:
        "benchmarks/draw_images@{group}.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("draw_images")


rule score_drawn:
    input:
        deps("score_drawn"),
    output:
        **outs("score_drawn"),
    log:
        "logs/score_drawn.log",
    benchmark:
        "benchmarks/score_drawn.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("score_drawn")


rule measure_loop:
    input:
        deps("measure_loop"),
    output:
        **outs("measure_loop"),
    log:
        "logs/measure_loop.log",
    benchmark:
        "benchmarks/measure_loop.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("measure_loop")


rule draw_turing_test:
    input:
        deps("draw_turing_test"),
    output:
        **outs("draw_turing_test"),
    log:
        "logs/draw_turing_test.log",
    benchmark:
        "benchmarks/draw_turing_test.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("draw_turing_test")


rule score_turing_test:
    input:
        deps("score_turing_test"),
    output:
        **outs("score_turing_test"),
    log:
        "logs/score_turing_test.log",
    benchmark:
        "benchmarks/score_turing_test.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("score_turing_test")


rule compare_training:
    input:
        deps("compare_training"),
    output:
        **outs("compare_training"),
    log:
        "logs/compare_training.log",
    benchmark:
        "benchmarks/compare_training.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("compare_training")


rule compare_sieving:
    input:
        deps("compare_sieving"),
    output:
        **outs("compare_sieving"),
    log:
        "logs/compare_sieving.log",
    benchmark:
        "benchmarks/compare_sieving.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("compare_sieving")


rule report_generation:
    input:
        deps("report_generation"),
    output:
        **outs("report_generation"),
    log:
        "logs/report_generation.log",
    benchmark:
        "benchmarks/report_generation.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("report_generation")
