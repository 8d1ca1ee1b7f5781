namespace IntegrationHub.TestServers;

/// <summary>Copies of the sample configuration with further destinations of its audience; no vendor is asked for opt-outs.</summary>
public static class SampleFolder
{
    /// <summary>Writes a copy.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="added">The further destinations.</param>
    /// <param name="files">Further files, by name.</param>
    public static void Write(string folder, IReadOnlyCollection<AddedDestination> added, IReadOnlyDictionary<string, string> files)
    {
        var samples = Path.Combine(AppContext.BaseDirectory, "Samples", "config");
        foreach (var file in Directory.EnumerateFiles(samples, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(samples, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllText(copy, File.ReadAllText(file)
                .Replace("[braze, hubspot, marketo]", $"[{string.Join(", ", ["braze", "hubspot", "marketo", .. added.Select(destination => destination.Name)])}]", StringComparison.Ordinal)
                .Replace("opt_outs: on", "opt_outs: off", StringComparison.Ordinal));
        }

        foreach (var destination in added)
        {
            var text = File.ReadAllText(Path.Combine(folder, "destinations", $"{destination.Of}.yaml"));
            text = destination.KeyFile is null ? text : text.Replace("{ env: BRAZE_API_KEY }", $"{{ file: {destination.KeyFile} }}", StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder, "destinations", $"{destination.Name}.yaml"), $"{text}base_url: http://127.0.0.1:{destination.Port}/{destination.Of}\n{destination.More}");
            File.AppendAllText(Path.Combine(folder, "policy.yaml"), $"  {destination.Name}: {{ email_marketing: {{ \"*\": send, gender: send, annual_income: send, total_children: send, marital_status: send }} }}\n");
        }

        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }
    }
}
