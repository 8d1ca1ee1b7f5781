using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace IntegrationHub.Hub.Versions;

/// <summary>The values of a file by the path of their keys, as people name them: <c>fields.dob.type</c>. Items of a list that have a name stand under it, so that one more before them changes none of them.</summary>
internal static class YamlLeaves
{
    /// <summary>What tells the items of a list apart, the first that is there.</summary>
    private static readonly string[] _names = ["to", "name", "attribute", "column", "purpose", "from"];

    /// <summary>The values; none of a text that is no YAML.</summary>
    public static SortedDictionary<string, string> Of(string text)
    {
        var leaves = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            foreach (var document in yaml.Documents)
            {
                Walk("", document.RootNode, leaves, 0);
            }
        }
        catch (YamlException)
        {
            leaves.Clear();
        }

        return leaves;
    }

    private static void Walk(string path, YamlNode node, SortedDictionary<string, string> leaves, int depth)
    {
        const int Deepest = 64; // an alias may point at what holds it
        if (depth > Deepest)
        {
            return;
        }

        switch (node)
        {
            case YamlScalarNode scalar:
                leaves[path] = scalar.Value ?? "";
                break;
            case YamlSequenceNode list when list.Children.All(static item => item is YamlScalarNode):
                leaves[path] = string.Join(", ", list.Children.Select(static item => ((YamlScalarNode)item).Value));
                break;
            case YamlSequenceNode list:
                var taken = new HashSet<string>(StringComparer.Ordinal);
                foreach (var (index, item) in list.Children.Index())
                {
                    var name = NameOf(item) is { } told && taken.Add(told) ? told : index.ToString(CultureInfo.InvariantCulture);
                    Walk(Join(path, name), item, leaves, depth + 1);
                }

                break;
            case YamlMappingNode section:
                foreach (var (key, value) in section.Children)
                {
                    Walk(Join(path, (key as YamlScalarNode)?.Value ?? ""), value, leaves, depth + 1);
                }

                break;
        }
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static string? NameOf(YamlNode item) => item is YamlMappingNode section
        ? _names.Select(name => section.Children.TryGetValue(new YamlScalarNode(name), out var value) ? (value as YamlScalarNode)?.Value : null).FirstOrDefault(static name => !string.IsNullOrEmpty(name))
        : null;
}
