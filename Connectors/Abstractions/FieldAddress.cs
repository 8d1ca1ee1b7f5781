namespace IntegrationHub.Connectors.Abstractions;

/// <summary>
/// What the name of a field addresses at the vendor: a field of its own; a property of an object, <c>$.address.city</c>; or an element of a list, <c>$.interests[sports]</c>. To everybody but the connector each
/// is a field of that name with a single value; that of an element is whether it is in the list. No vendor has a field whose name begins with a dollar sign, so that no name is both. Immutable.
/// </summary>
public sealed class FieldAddress
{
    private const string Root = "$.";

    private FieldAddress(string field, IReadOnlyList<string> path, string? element) => (Field, Path, Element) = (field, path, element);

    /// <summary>The vendor's field that holds it: an object, a list, or the field itself.</summary>
    public string Field { get; }

    /// <summary>Names of the properties on the way down from the field to the value; empty unless it is a property of an object.</summary>
    public IReadOnlyList<string> Path { get; }

    /// <summary>The element; null unless it is one of a list.</summary>
    public string? Element { get; }

    /// <summary>True for a property or an element, of which the vendor's field holds others too.</summary>
    /// <param name="name">A name as mappings write it.</param>
    public static bool IsPart(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith(Root, StringComparison.Ordinal);
    }

    /// <summary>Reads a name. Names of properties hold neither dots nor brackets, names of lists no brackets.</summary>
    /// <param name="name">A name as mappings write it.</param>
    public static FieldAddress Of(string name)
    {
        if (!IsPart(name))
        {
            return new FieldAddress(name, [], null);
        }

        if (name.IndexOf('[', StringComparison.Ordinal) is > 0 and var bracket && name.EndsWith(']'))
        {
            return new FieldAddress(name[Root.Length..bracket], [], name[(bracket + 1)..^1]);
        }

        var names = name[Root.Length..].Split('.');
        return new FieldAddress(names[0], names[1..], null);
    }

    /// <summary>The name of an element.</summary>
    /// <param name="list">The vendor's field that holds the list.</param>
    /// <param name="element">The element, as the vendor gets it.</param>
    public static string OfElement(string list, string element) => $"{Root}{list}[{element}]";
}
