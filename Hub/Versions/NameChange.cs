using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Versions;

/// <summary>What is called otherwise from one configuration to the next, and stays what it is. Pure.</summary>
/// <param name="Folder">Folder of its file.</param>
/// <param name="From">Its name before.</param>
/// <param name="To">Its name since.</param>
internal abstract record NameChange(string Folder, string From, string To)
{
    /// <summary>Its file before.</summary>
    public string FileBefore => $"{Folder}/{From}.yaml";

    /// <summary>Its file since.</summary>
    public string FileAfter => $"{Folder}/{To}.yaml";

    /// <summary>For whoever looks at the plan.</summary>
    public abstract string Sentence { get; }

    /// <summary>The configuration before, by the new name.</summary>
    public abstract HubConfiguration In(HubConfiguration before);

    /// <summary>The files before, by the new name: its own, and what it may do, which stands under its name in others.</summary>
    public IReadOnlyDictionary<string, string> In(IReadOnlyDictionary<string, string> before) =>
        before.ToDictionary(file => file.Key == FileBefore ? FileAfter : file.Key, file => TextOf(file.Key, file.Value), StringComparer.Ordinal);

    /// <summary>A file's text, by the new name.</summary>
    protected abstract string TextOf(string path, string text);
}
