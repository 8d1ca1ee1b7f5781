using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads where a field of a mapping is written: a field of the vendor, or a part of one.</summary>
internal static partial class FieldPart
{
    private const int LongestElement = 255;

    /// <summary>The vendor's field, by the name that it has everywhere else: also a property of an object and an element of a list has one.</summary>
    public static string? ParseName(YamlSection section)
    {
        if (section.Text("to", required: true) is not { } to)
        {
            return null;
        }

        if (section.Text("element") is not { } element)
        {
            if (to.StartsWith('$') && !Path().IsMatch(to))
            {
                section.Fail("to", $"{to} is no path to a property of an object.", "Write a path such as $.address.city: names after $, each with a dot before it and without blanks, dots, dollar signs and brackets in it.");
            }

            return to;
        }

        if (to.StartsWith('$') || to.IndexOfAny(['[', ']']) >= 0)
        {
            section.Fail("to", $"{to} is no field that holds a list.", $"Write the vendor's name of the list; element: {element} stands beside it.");
        }
        else if (string.IsNullOrWhiteSpace(element) || element.Length > LongestElement)
        {
            section.Fail("element", "An element is a text of 1 to 255 characters.", "Write the element as the vendor shows it in the list.");
        }

        return FieldAddress.OfElement(to, element);
    }

    /// <summary>Refuses what others write already, as a whole or as a part.</summary>
    /// <param name="section">The field's section.</param>
    /// <param name="name">Where it is written.</param>
    /// <param name="others">Where those before it are.</param>
    public static void CheckBeside(YamlSection section, string name, IEnumerable<string> others)
    {
        var address = FieldAddress.Of(name);
        var met = others.FirstOrDefault(other => other == name) ?? others.FirstOrDefault(other => AreOneIn(FieldAddress.Of(other), address));
        if (met == name)
        {
            section.Fail("to", $"The field {name} is mapped twice.", "Map it once.");
        }
        else if (met is not null)
        {
            section.Fail("to", $"{name} and {met} are written to the same field of the vendor, one as a whole and the other as a part of it.", "Map the whole, or its parts.");
        }
    }

    /// <summary>True when one holds the other; elements of one list stand side by side.</summary>
    private static bool AreOneIn(FieldAddress one, FieldAddress other) =>
        one.Field == other.Field && (one.Element is null || other.Element is null) && one.Path.Take(other.Path.Count).SequenceEqual(other.Path.Take(one.Path.Count));

    [GeneratedRegex(@"^\$(?:\.[^\s.$\[\]]{1,255}){2,}\z")]
    private static partial Regex Path();
}
