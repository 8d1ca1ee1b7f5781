using System.Reflection;
using System.Text.Json;
using System.Xml.Linq;
using Architecture.Tests.Rooms;

namespace Architecture.Tests.Repository;

/// <summary>A reference that nothing uses is one more thing to update, to audit and to wonder about.</summary>
public sealed class When_packages_are_referenced
{
    private static readonly Dictionary<string, string[]> _assemblies = ReadAssemblies();

    /// <summary>What a project of the product references is used by its assembly; packages that only build (<c>PrivateAssets</c>) leave no trace there.</summary>
    [TestCaseSource(nameof(Rooms))]
    public void Should_be_used(string project)
    {
        var used = Room.References(Assembly.Load(Path.GetFileNameWithoutExtension(project)));
        var references = XDocument.Parse(Tree.Read(project)).Descendants()
            .Where(item => item.Name.LocalName is "PackageReference" or "ProjectReference" && item.Attribute("PrivateAssets") is null)
            .Select(item => item.Attribute("Include")!.Value);
        Assert.That(references.Where(reference => !AssembliesOf(reference).Intersect(used).Any()), Is.Empty);
    }

    [Test]
    public void Should_have_a_version_only_where_a_project_asks_for_the_package()
    {
        var asked = Tree.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal) || path.EndsWith(".props", StringComparison.Ordinal))
            .SelectMany(path => Named(path, "PackageReference")).ToHashSet(StringComparer.Ordinal);
        Assert.That(Named("Directory.Packages.props", "PackageVersion").Where(package => !asked.Contains(package)), Is.Empty);
    }

    private static IEnumerable<string> Rooms() => Tree.Files.Where(path =>
        path.EndsWith(".csproj", StringComparison.Ordinal) && Room.Product.Any(assembly => assembly.GetName().Name == Path.GetFileNameWithoutExtension(path)));

    private static IEnumerable<string> Named(string path, string element) =>
        XDocument.Parse(Tree.Read(path)).Descendants().Where(item => item.Name.LocalName == element).Select(item => item.Attribute("Include")!.Value);

    private static string[] AssembliesOf(string reference) =>
        reference.EndsWith(".csproj", StringComparison.Ordinal) ? [Path.GetFileNameWithoutExtension(reference)] : _assemblies.GetValueOrDefault(reference) ?? [];

    /// <summary>Assemblies by package, as the build wrote them down; of a package that only gathers others, theirs.</summary>
    private static Dictionary<string, string[]> ReadAssemblies()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Architecture.Tests.deps.json")));
        var packages = file.RootElement.GetProperty("targets").EnumerateObject().Single().Value.EnumerateObject().ToDictionary(package => package.Name.Split('/')[0], package => package.Value.Clone());
        return packages.ToDictionary(package => package.Key, package => Names(package.Value, "runtime") is { Length: > 0 } own ? own
            : [.. Names(package.Value, "dependencies").SelectMany(other => packages.TryGetValue(other, out var gathered) ? Names(gathered, "runtime") : [])]);
    }

    private static string[] Names(JsonElement package, string property) => package.TryGetProperty(property, out var names)
        ? [.. names.EnumerateObject().Select(name => property == "runtime" ? Path.GetFileNameWithoutExtension(name.Name) : name.Name)]
        : [];
}
