using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Checks that a destination's vendor can do what its mapping asks of a field.</summary>
internal static class VendorFieldCheck
{
    /// <summary>Parts of a field are mapped only for vendors that take them, and a field is added to only where the vendor can.</summary>
    public static void Check(YamlSection root, MappingFile mapping, ConnectorDescriptor vendor)
    {
        foreach (var field in mapping.Fields.Where(static field => field.Owner == FieldOwner.Hub))
        {
            if (FieldAddress.IsPart(field.To))
            {
                CheckPart(root, mapping, field, vendor);
            }
            else if (field.Mutability == FieldMutability.AppendOnly && vendor.AddsWith is null)
            {
                root.Fail(
                    "mapping",
                    $"The mapping {mapping.Name} only adds to {field.To} (append_only), and {vendor.DisplayName} has no way to add to a field.",
                    vendor.TakesListElements ? "Map each element of the list: element beside to, and type: boolean." : "Write write_once, so that the first value stays, or fill_empty, so that what the vendor has stays.");
            }
        }
    }

    private static void CheckPart(YamlSection root, MappingFile mapping, FieldMapping field, ConnectorDescriptor vendor)
    {
        var isNested = FieldAddress.Of(field.To).Element is null;
        if (isNested ? !vendor.TakesNestedFields : !vendor.TakesListElements)
        {
            root.Fail(
                "mapping",
                $"The mapping {mapping.Name} writes {field.To}, and {vendor.DisplayName} has {(isNested ? "no properties of objects" : "no way to add one element of a list and to take it out again")}.",
                $"Map {field.Source} to a field of its own.");
        }
        else if (isNested && field.OnNull == NullRule.Clear)
        {
            root.Fail(
                "mapping",
                $"The mapping {mapping.Name} clears {field.To}, and {vendor.DisplayName} lets nobody take a property of an object away again.",
                "Write on_null: omit, or a default that stands for no value.");
        }
    }
}
