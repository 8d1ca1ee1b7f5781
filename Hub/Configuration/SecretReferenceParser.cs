namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads references to secrets: <c>{ env: NAME }</c> or <c>{ file: PATH }</c>.</summary>
/// <param name="folder">The configuration folder: relative files start there.</param>
/// <param name="environment">Reads an environment variable.</param>
internal sealed class SecretReferenceParser(string folder, Func<string, string?>? environment)
{
    /// <summary>What to write.</summary>
    public const string Form = "{ env: NAME } or { file: PATH }";

    /// <summary>Reads a section; null when it is wrong, which the caller reports.</summary>
    public SecretReference? Parse(YamlSection section)
    {
        var (variable, path) = (section.Text("env"), section.Text("file"));
        section.RejectUnknownKeys();
        return Make(variable, path);
    }

    /// <summary>The reference, or null unless exactly one of the two is there.</summary>
    public SecretReference? Make(string? variable, string? path) => (variable, path) switch
    {
        (not null, null) => SecretReference.ToEnvironment(variable, environment),
        (null, not null) => SecretReference.ToFile(Path.GetFullPath(path, Path.GetFullPath(folder))),
        _ => null,
    };
}
