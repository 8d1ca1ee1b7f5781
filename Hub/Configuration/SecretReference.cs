namespace IntegrationHub.Hub.Configuration;

/// <summary>Where a secret is kept. The value is read anew on every use, so a rotated secret works without a restart.</summary>
internal sealed record SecretReference
{
    private readonly Func<string, string?> _environment;

    private SecretReference(string? environmentVariable, string? filePath, Func<string, string?> environment)
    {
        EnvironmentVariable = environmentVariable;
        FilePath = filePath;
        _environment = environment;
    }

    /// <summary>Name of the environment variable, or null.</summary>
    public string? EnvironmentVariable { get; }

    /// <summary>Full path of the file, or null.</summary>
    public string? FilePath { get; }

    /// <summary>Refers to an environment variable.</summary>
    public static SecretReference ToEnvironment(string name, Func<string, string?>? environment = null) =>
        new(name, null, environment ?? Environment.GetEnvironmentVariable);

    /// <summary>Refers to a file; white space at the end of its text does not count.</summary>
    public static SecretReference ToFile(string path) => new(null, path, Environment.GetEnvironmentVariable);

    /// <summary>Reads the secret now; null when the variable or file is missing or empty.</summary>
    public string? Read()
    {
        string? value;
        if (EnvironmentVariable is not null)
        {
            value = _environment(EnvironmentVariable);
        }
        else
        {
            try
            {
                value = File.ReadAllText(FilePath!).TrimEnd();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        return string.IsNullOrEmpty(value) ? null : value;
    }

    /// <summary>Names the place, never the value.</summary>
    public override string ToString() => EnvironmentVariable is not null ? $"environment variable {EnvironmentVariable}" : $"file {FilePath}";
}
