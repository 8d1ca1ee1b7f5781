using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Configuration;

/// <summary>What does not go together with how a vendor's field may change.</summary>
internal static class FieldMutabilityCheck
{
    /// <summary>Says what is wrong with <c>mutability</c> of a field, and what to write.</summary>
    public static void Check(YamlSection section, FieldMapping field)
    {
        switch (field.Mutability)
        {
            case FieldMutability.Immutable when field.Beside.Count > 0 || field.Constant is not null || field.Default is not null || field.Until is not null:
                section.Fail("mutability", $"The field {field.To} is immutable, and made of more than one thing.", "An identity key is one key of the person, for ever: write from with one name, without constant, default and until.");
                break;
            case FieldMutability.FillEmpty:
                CheckStays(section, field, "only filled", "fill");
                break;
            case FieldMutability.WriteOnce:
                CheckStays(section, field, "written once", "write");
                break;
            case FieldMutability.AppendOnly when FieldAddress.Of(field.To).Element is null:
                section.Fail(
                    "mutability", $"The field {field.To} cannot be append_only: it is no element of a list, and what it holds is written as a whole.",
                    "Write element beside to, for an element that is put into the list to and never taken out; write_once, so that the first value stays; or fill_empty, so that what the vendor has stays.");
                break;
            case FieldMutability.AppendOnly:
                CheckStays(section, field, "only put into its list", "put in");
                break;
        }
    }

    /// <summary>What stays at the vendor is neither cleared nor left to the vendor.</summary>
    private static void CheckStays(YamlSection section, FieldMapping field, string what, string does)
    {
        if (field.OnNull == NullRule.Clear)
        {
            section.Fail("on_null", $"The field {field.To} is {what}, so it is not cleared.", "Write on_null: omit, or remove mutability.");
        }

        if (field.Owner == FieldOwner.Vendor)
        {
            section.Fail("mutability", $"The field {field.To} is the vendor's, so the hub does not {does} it.", "Remove mutability, or owner: vendor.");
        }
    }
}
