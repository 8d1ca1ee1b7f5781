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
            case FieldMutability.AppendOnly when field.IsAddedTo && (field.Type != MappedType.Text || field.Values is not null || field.Beside.Count > 0):
                section.Fail(
                    "mutability", $"The field {field.To} is append_only, and its value is no text of elements as it is stated.",
                    "Write type: text and from with one name, without values; or element beside to, for one element that is put into a list and never taken out.");
                break;
            case FieldMutability.AppendOnly:
                CheckStays(section, field, "only added to", "add to");
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
