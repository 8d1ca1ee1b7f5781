using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>aliases</c> of a destination's file: kinds of keys that the vendor holds beside the person's own, with its label of each.</summary>
internal static class AliasSectionParser
{
    private static readonly string[] _kinds = [PersonKey.WordOf(KeyKind.AnonymousId), PersonKey.WordOf(KeyKind.DeviceId)];

    public static IReadOnlyDictionary<KeyKind, string> Parse(YamlSection? section, ConnectorDescriptor connector)
    {
        var aliases = new Dictionary<KeyKind, string>();
        foreach (var word in section?.Keys ?? [])
        {
            if (!_kinds.Contains(word))
            {
                section!.Fail(word, $"{word} is no kind of key that can be an alias.", $"{Spelling.Hint(word, _kinds)}Write one of: {string.Join(", ", _kinds)}.");
            }
            else if (!connector.Operations.ContainsKey(Operation.AddAlias))
            {
                section!.Fail(word, $"{connector.DisplayName} knows no aliases.", "Leave aliases out.");
            }
            else if (section!.Text(word, required: true) is { } label)
            {
                aliases[PersonKey.KindOf(word)!.Value] = label;
            }
        }

        return aliases;
    }
}
