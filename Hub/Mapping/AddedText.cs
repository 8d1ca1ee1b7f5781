using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Policy;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Mapping;

/// <summary>A text whose elements a vendor adds to those that its field has (<see cref="ConnectorDescriptor.AddsWith"/>): it begins with the sign that stands between them. Pure.</summary>
internal static class AddedText
{
    /// <summary>The text that adds the elements of a value, each once; null where there are none.</summary>
    /// <param name="text">The value.</param>
    /// <param name="separator">What stands between its elements.</param>
    /// <param name="sign">The vendor's sign. It is of no element, so what stands on both sides of one are two.</param>
    /// <param name="isHashed">True when the vendor gets each element as its hash.</param>
    public static string? Of(string text, string separator, char sign, bool isHashed)
    {
        var elements = ElementText.In(text, separator).SelectMany(element => ElementText.In(element, sign.ToString()));
        var added = string.Join(sign, new SortedSet<string>(isHashed ? elements.Select(HashedValue.Of) : elements, StringComparer.Ordinal));
        return added.Length == 0 ? null : sign + added;
    }

    /// <summary>True when a vendor's value has all that was added to it, whatever it has beside.</summary>
    public static bool IsIn(string added, string told, char sign) => ElementText.In(added, sign.ToString()).IsSubsetOf(ElementText.In(told, sign.ToString()));

    /// <summary>A vendor's value in one order of its elements.</summary>
    public static string Canonical(string told, char sign) => string.Join(sign, ElementText.In(told, sign.ToString()));

    /// <summary>What a vendor's value becomes, in one order of its elements, when a value is written over it.</summary>
    public static string Over(string told, string written, char sign) => Canonical(written.StartsWith(sign) ? told + written : written, sign);
}
