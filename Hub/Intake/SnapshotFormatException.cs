namespace IntegrationHub.Hub.Intake;

/// <summary>The file as a whole cannot be read. The message names file, line, field and fix and never holds a value of the file's rows.</summary>
/// <param name="file">Name of the file.</param>
/// <param name="line">Line, from 1.</param>
/// <param name="field">Header of the column, or null when none is meant.</param>
/// <param name="code">Stable reason code in snake_case.</param>
/// <param name="problem">What is wrong, one sentence.</param>
/// <param name="fix">What to do, one sentence.</param>
internal sealed class SnapshotFormatException(string file, long line, string? field, string code, string problem, string fix)
    : Exception($"{file}:{line}{(field is null ? "" : $", field {field}")}: {problem} {fix}")
{
    /// <summary>Name of the file.</summary>
    public string File { get; } = file;

    /// <summary>Line, from 1.</summary>
    public long Line { get; } = line;

    /// <summary>Header of the column, or null when none is meant.</summary>
    public string? Field { get; } = field;

    /// <summary>Stable reason code in snake_case.</summary>
    public string Code { get; } = code;

    /// <summary>What is wrong.</summary>
    public string Problem { get; } = problem;

    /// <summary>What to do.</summary>
    public string Fix { get; } = fix;
}
