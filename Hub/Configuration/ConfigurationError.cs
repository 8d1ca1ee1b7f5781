namespace IntegrationHub.Hub.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="File">Path below the configuration folder, with forward slashes, or the name of the overriding setting.</param>
/// <param name="Line">Line in the file, from 1; 0 when the whole file or the environment is meant.</param>
/// <param name="Problem">What is wrong, one sentence. Never holds a secret's value.</param>
/// <param name="Fix">What to write or do instead, one sentence.</param>
internal sealed record ConfigurationError(string File, int Line, string Problem, string Fix)
{
    /// <inheritdoc />
    public override string ToString() => Line > 0 ? $"{File}:{Line}: {Problem} {Fix}" : $"{File}: {Problem} {Fix}";
}
